// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import java.io.IOException;

/** One claim about the running mesh and how it is checked. Leaves the mesh as it was found. */
interface Proof {
  String claim();

  /**
   * Looks at the mesh.
   *
   * @throws IOException when it cannot be looked at; the claim is not proved then
   */
  Findings examine(DemoMesh mesh) throws IOException;
}
