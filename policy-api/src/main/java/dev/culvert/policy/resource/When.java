// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

/**
 * A condition on an attribute.
 *
 * @param key for example {@code source.ip} or {@code request.headers[x-user]}
 */
public record When(String key, Values<String> values) {}
