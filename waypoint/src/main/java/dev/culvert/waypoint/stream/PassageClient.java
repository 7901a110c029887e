// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.transport.Half;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Who wants to be carried to a backend. On the connection's event loop but where it says so. */
public interface PassageClient {
  /** What is known of it. Any thread. */
  ClientConnection connection();

  /** Why nobody is carried there any more, if it is so; who is on the way goes on. */
  default Optional<Outcome> closed() {
    return Optional.empty();
  }

  /** Why it may not be carried, if it may not. Any thread, as long as it is open. */
  Optional<Outcome> forbidden();

  /** What judges it; empty when nothing does. */
  Optional<RequestPolicies> policies();

  /** Whether it gave up. */
  boolean isGone();

  /** A backend was reached. */
  Half accept();

  /** It is not carried. */
  void refuse(Outcome outcome);

  /** It was refused, or its connection is over. */
  default void over() {}

  /** What is told of it on its way to an endpoint, or to what it asked for. */
  ConnectionInfo info(InetSocketAddress destination);
}
