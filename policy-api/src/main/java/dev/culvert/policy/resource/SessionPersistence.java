// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Duration;
import java.util.Optional;

/**
 * Has a client's requests go to one endpoint (Gateway API, SessionPersistence).
 *
 * @param name of the cookie or header field
 * @param header whether it is a header field; else a cookie
 * @param permanent whether a cookie outlives the browser, for {@code absoluteTimeout}
 * @param absoluteTimeout how long a session lasts; empty for any time
 * @param idleTimeout how long one lasts without a request; empty for any time
 */
public record SessionPersistence(
    String name,
    boolean header,
    boolean permanent,
    Optional<Duration> absoluteTimeout,
    Optional<Duration> idleTimeout) {}
