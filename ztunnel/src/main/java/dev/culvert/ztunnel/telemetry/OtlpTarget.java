// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import java.net.URI;
import java.util.Map;

/**
 * Where the access log is exported to.
 *
 * @param endpoint with its path, usually {@code http://HOST:4318/v1/logs}
 * @param queue lines that may wait
 * @param resource what the collector is told of this proxy
 */
public record OtlpTarget(URI endpoint, int queue, Map<String, String> resource) {}
