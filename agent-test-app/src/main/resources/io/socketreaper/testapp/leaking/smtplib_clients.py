# Sends a mail COUNT times to HOST PORT with Python's own smtplib and prints, for each, whether the 552 reply was
# complete and how the connection ended.
import smtplib
import sys
from concurrent.futures import ThreadPoolExecutor

HOST, PORT, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
REFUSAL = b"552 5.2.2 user quota exceeded\r\n"


class Recorder:
    """smtplib keeps no raw reply: this remembers the last line it read."""

    def __init__(self, file):
        self.file = file
        self.last = b""

    def readline(self, limit):
        line = self.file.readline(limit)
        self.last = line or self.last
        return line

    def close(self):
        self.file.close()


def send(_):
    smtp = smtplib.SMTP(HOST, PORT, local_hostname="client.example.org", timeout=60)
    smtp.file = recorder = Recorder(smtp.file)
    refused = False
    try:
        smtp.sendmail("sender@example.org", ["full@example.org"], "Subject: hello\r\n\r\nhello\r\n")
    except smtplib.SMTPDataError:
        refused = True
    except smtplib.SMTPServerDisconnected as e:
        return "cut-short " + end(e)
    complete = "complete" if refused and recorder.last == REFUSAL else "cut-short"
    try:
        # The connection is to be used for the next mail.
        smtp.rset()
        return "no end: rset was answered"
    except smtplib.SMTPServerDisconnected as e:
        return complete + " " + end(e)


def end(disconnected):
    """smtplib hides the socket's error in the context of its own; at an orderly end there was none."""
    return "reset" if isinstance(disconnected.__context__, OSError) else "eof"


def story(number):
    try:
        return send(number)
    except Exception as e:
        return repr(e)


with ThreadPoolExecutor(8) as clients:
    for outcome in clients.map(story, range(COUNT)):
        print(outcome, flush=True)
