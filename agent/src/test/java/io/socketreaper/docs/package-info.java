/** What keeps the documentation true: parts of it are generated from the code. */
package io.socketreaper.docs;
