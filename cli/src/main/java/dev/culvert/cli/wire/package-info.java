/**
 * Reads what crossed a link. Enters: a capture file of tcpdump. Leaves: the bytes of each direction
 * of each TCP connection, and what TLS they are. Pure apart from reading the file, any thread.
 */
package dev.culvert.cli.wire;
