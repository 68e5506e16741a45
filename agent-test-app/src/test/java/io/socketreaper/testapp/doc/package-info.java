/** What the documentation shows is what happens. */
package io.socketreaper.testapp.doc;
