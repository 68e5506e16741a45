/** What the integration tests share: child JVMs, the tool, the agent's log as events, and a program that leaks on command. */
package io.socketreaper.testapp.harness;
