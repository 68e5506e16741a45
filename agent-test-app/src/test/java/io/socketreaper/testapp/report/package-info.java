/** Where leaks are told: log, metrics, JMX, Flight Recorder, status page, listeners of the program. */
package io.socketreaper.testapp.report;
