// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import dev.culvert.controlplane.state.ControlPlaneException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Who signs the mesh's certificates. */
public sealed interface AuthorityChoice {

  /** A root that the control plane makes on its first start. */
  record OwnRoot() implements AuthorityChoice {}

  /**
   * An authority that somebody else made.
   *
   * @param folder in the layout of Istio's Secret {@code cacerts}
   */
  record Folder(Path folder) implements AuthorityChoice {}

  /**
   * A signer of the cluster (certificates.k8s.io).
   *
   * @param roots a file of what verifies what it signs
   */
  record Signer(String name, Path roots) implements AuthorityChoice {}

  /** A domain, a slash, a path. */
  Pattern SIGNER_NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?/\\S+");

  /**
   * What settings say together.
   *
   * @throws ControlPlaneException when they contradict each other
   */
  static AuthorityChoice of(String certs, String signer, String roots) {
    if (signer.isEmpty()) {
      if (!roots.isEmpty()) {
        throw new ControlPlaneException("ca-roots", "is for 'ca-signer' only", "remove it");
      }
      return certs.isEmpty() ? new OwnRoot() : new Folder(Path.of(certs));
    }
    if (!certs.isEmpty()) {
      throw new ControlPlaneException(
          "ca-signer", "cannot sign beside 'ca-certs'", "set one of them");
    }
    if (!SIGNER_NAME.matcher(signer).matches()) {
      throw new ControlPlaneException(
          "ca-signer", signer + " is no name of a signer", "write one as example.com/mesh");
    }
    if (roots.isEmpty()) {
      throw new ControlPlaneException(
          "ca-signer",
          "nobody would know what to trust",
          "name a file of its roots with 'ca-roots'");
    }
    return new Signer(signer, Path.of(roots));
  }
}
