// SPDX-License-Identifier: Apache-2.0
/**
 * Who may have how much: connections, tunnels, handshakes, descriptors and buffers. What is beyond
 * is refused before it costs anything, counted, and named in the log. Any thread.
 */
package dev.culvert.ztunnel.limits;
