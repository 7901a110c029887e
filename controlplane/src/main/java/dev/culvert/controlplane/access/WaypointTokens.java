// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * With a folder of YAML: one secret per pod of a waypoint, in {@code waypoints/NAMESPACE.POD.token}
 * of the state folder.
 */
public final class WaypointTokens {
  private static final String FOLDER = "waypoints";

  private final TokenFolder tokens;

  /**
   * @throws ControlPlaneException when the folder of the tokens cannot be made
   */
  public WaypointTokens(StateFolder state) {
    this.tokens = new TokenFolder(state, FOLDER);
  }

  /** The file whose content the pod of a waypoint presents. */
  public static Path file(Path stateFolder, String namespace, String pod) {
    return TokenFolder.file(stateFolder, FOLDER, namespace + "." + pod);
  }

  /**
   * Reads all tokens again and makes those that are missing.
   *
   * @param pods of waypoints, as {@code NAMESPACE/POD}
   * @throws ControlPlaneException when a token cannot be written
   */
  public void refresh(Collection<String> pods) {
    tokens.refresh(pods.stream().map(pod -> pod.replaceFirst("/", ".")).toList());
  }

  /**
   * The pod that a token was made for, as {@code NAMESPACE/POD}; names of namespaces have no dot.
   */
  Optional<String> find(String token) {
    return tokens.find(token).map(name -> name.replaceFirst("\\.", "/"));
  }
}
