package io.socketreaper.config;

/** How the log names hosts. */
enum Shown {
    FULL,
    MASKED
}
