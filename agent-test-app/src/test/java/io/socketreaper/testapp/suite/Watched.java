package io.socketreaper.testapp.suite;

import io.socketreaper.junit.NoSocketLeaks;

/** A base of test classes. */
@NoSocketLeaks(timeoutMillis = 500)
abstract class Watched {}
