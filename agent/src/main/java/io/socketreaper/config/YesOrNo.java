package io.socketreaper.config;

/** The values of a setting that is on or off. */
enum YesOrNo {
    TRUE,
    FALSE
}
