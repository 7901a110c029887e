// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/2 frames (RFC 9113) as a tunnel needs them: enters, bytes; leaves, frames, and the other way
 * round. No streams, no state of a connection but what the bytes themselves need, nothing that
 * waits: DATA goes on with the bytes that are there. On the event loop of the connection.
 */
package dev.culvert.ztunnel.hbone.frame;
