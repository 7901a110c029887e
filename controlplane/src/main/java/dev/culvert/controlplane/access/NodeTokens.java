// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** With a folder of YAML: one secret per node, in {@code nodes/NODE.token} of the state folder. */
public final class NodeTokens implements Callers {
  private static final String FOLDER = "nodes";

  private final TokenFolder tokens;

  /**
   * @throws ControlPlaneException when the folder of the tokens cannot be made
   */
  public NodeTokens(StateFolder state) {
    this.tokens = new TokenFolder(state, FOLDER);
  }

  /** The file whose content a proxy on the node presents. */
  public static Path file(Path stateFolder, String node) {
    return TokenFolder.file(stateFolder, FOLDER, node);
  }

  /**
   * Reads all tokens again and makes those of the named nodes that have none.
   *
   * @throws ControlPlaneException when a token cannot be written
   */
  public void refresh(Collection<String> nodes) {
    tokens.refresh(nodes);
  }

  @Override
  public Caller caller(String token) throws RefusedCallerException {
    return find(token)
        .map(Caller.Node::new)
        .orElseThrow(
            () ->
                RefusedCallerException.unauthenticated(
                    "the bearer token is of no node and of no waypoint; present nodes/NODE.token or"
                        + " waypoints/NAMESPACE.POD.token of the control plane's state folder"));
  }

  /** The node that a token was made for. */
  Optional<String> find(String token) {
    return tokens.find(token);
  }
}
