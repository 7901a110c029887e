// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import java.nio.file.Path;

/**
 * The bearer token that a node shows the control plane.
 *
 * @param file read for each call, because it is rotated under a running proxy
 * @param required whether a call without it fails; else it shows none, and the server may refuse it
 */
public record NodeToken(Path file, boolean required) {
  /** Where Istio's chart mounts it; Cilium's mounts none. */
  public static final NodeToken STANDARD =
      new NodeToken(Path.of("/var/run/secrets/tokens/istio-token"), false);

  /** One that has to be there. */
  public static NodeToken at(Path file) {
    return new NodeToken(file, true);
  }
}
