// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.spiffe.SpiffeId;
import java.util.List;
import java.util.Optional;

/** What a policy may look at in one request: a view of it, on its event loop. */
public interface RequestFacts {
  /** The identity that the client's side proved by mutual TLS. */
  Optional<SpiffeId> source();

  /** The address that the connection came from. */
  IpNumber peer();

  /** The client's address, behind the proxies that are trusted to tell it. */
  IpNumber client();

  /** The address that was connected. */
  IpNumber destination();

  /** The port that was connected, 1 to 65535. */
  int port();

  /** The name that the TLS handshake asked for; empty without. */
  String serverName();

  /** The method, as sent. */
  String method();

  /** The path in its one normal form, without the query. */
  String path();

  /** The host asked for, in lower case and without a port. */
  String host();

  /** The host asked for as sent, with its port if it has one, in lower case. */
  String authority();

  /** Every value that the client sent for a header field; its name in lower case. */
  List<String> header(String name);

  /** The verified token of the client. */
  TokenFacts token();
}
