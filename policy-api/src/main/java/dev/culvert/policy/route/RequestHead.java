// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.route;

import java.util.Optional;

/**
 * What a route may look at in an HTTP request. Implementations give views of a request and allocate
 * nothing to answer.
 */
public interface RequestHead {
  /** The host asked for, in lower case and without a port. */
  String host();

  /** The method, as sent: methods are case-sensitive (RFC 9110, section 9.1). */
  String method();

  /** The path, normalised and without the query. */
  String path();

  /**
   * The value of a header; several fields of one name are one value, joined by commas (RFC 9110,
   * section 5.2). Names are given in lower case.
   */
  Optional<String> header(String name);

  /** The first value of a query parameter, decoded. */
  Optional<String> queryParameter(String name);
}
