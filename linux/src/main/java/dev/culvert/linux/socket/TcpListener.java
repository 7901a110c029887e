// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

/**
 * A socket that listens for TCP connections, as {@link TcpDiagnosis} sees it.
 *
 * @param cookie the number that no other socket gets, SO_COOKIE
 * @param mark SO_MARK; 0 when there is none
 * @param queued established connections that wait to be accepted
 */
public record TcpListener(long cookie, int port, int mark, int queued) {}
