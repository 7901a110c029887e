// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a server has to prove.
 *
 * @param roots PEM file of the roots that may have signed it, read again when it changes; {@link
 *     #SYSTEM} for those of the JDK
 * @param name in its certificate; empty for the host that is dialled
 */
public record ServerTrust(Path roots, Optional<String> name) {
  /** Stands for the roots that the JDK brings, as Istio's proxies name the system's. */
  public static final Path SYSTEM = Path.of("SYSTEM");

  /** A server that is called by its own name. */
  public static ServerTrust of(Path roots) {
    return new ServerTrust(roots, Optional.empty());
  }
}
