// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A condition on an attribute.
 *
 * @param key for example {@code source.ip} or {@code request.headers[x-user]}
 */
public record When(String key, Values<String> values) {
  /** The attributes with a fixed name. */
  public static final List<String> KEYS =
      List.of(
          "source.ip",
          "source.namespace",
          "source.principal",
          "source.serviceAccount",
          "destination.ip",
          "destination.port",
          "remote.ip",
          "connection.sni",
          "request.auth.principal",
          "request.auth.audiences",
          "request.auth.presenter");

  /** The attributes that hold a name of the user's. */
  public static final Pattern KEYS_WITH_NAMES =
      Pattern.compile("request\\.headers\\[.+\\]|request\\.auth\\.claims(\\[.+\\])+");
}
