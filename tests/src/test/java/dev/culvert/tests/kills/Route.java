// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * From one pod to an app of another.
 *
 * @param nodes whose ztunnels it passes: what of it breaks for another reason is lost without need
 */
public record Route(String name, MeshPod from, InetSocketAddress to, Set<String> nodes) {
  /** Opens a connection, which must be the proxy's to carry on. */
  AppConnection connect() throws IOException {
    AppConnection connection = from.connect(to);
    if (!from.direct(to).isEmpty()) {
      connection.close();
      throw new UnprotectedException(name + ": a socket of the app leads to " + to + " itself");
    }
    return connection;
  }

  @Override
  public String toString() {
    return name;
  }

  /** An app's bytes went, or would go, where no policy and no encryption is. */
  static final class UnprotectedException extends IOException {
    private static final long serialVersionUID = 1L;

    UnprotectedException(String what) {
      super(what);
    }
  }
}
