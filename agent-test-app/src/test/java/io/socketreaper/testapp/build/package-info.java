/** What is published, and the scripts and files that build and publish it: release, container image, workflows. */
package io.socketreaper.testapp.build;
