// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import dev.culvert.policy.resource.ResourceError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator what is wrong with the resources: each thing once in the log, all in a file.
 */
public final class Problems {
  /** In the state folder: what is wrong now. */
  public static final String FILE = "status.json";

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private final StateFolder state;
  private Set<String> known = Set.of();
  private String written = "";

  public Problems(StateFolder state) {
    this.state = state;
  }

  /**
   * Takes in what is wrong after a change.
   *
   * @param errors files that are not taken; what they said before stays in force
   * @param notices what has no effect
   */
  public void update(List<ResourceError> errors, List<String> notices) {
    Set<String> now = new HashSet<>();
    for (ResourceError error : errors) {
      if (now.add(error.toString()) && !known.contains(error.toString())) {
        LOG.error("{} (its last good state, if it has one, stays in force)", error);
      }
    }
    for (String notice : notices) {
      if (now.add(notice) && !known.contains(notice)) {
        LOG.warn("{}", notice);
      }
    }
    known.stream()
        .filter(text -> !now.contains(text))
        .sorted()
        .forEach(text -> LOG.info("solved: {}", text));
    known = now;
    write(StatusText.of(errors, notices));
  }

  private void write(String status) {
    if (status.equals(written)) {
      return;
    }
    try {
      state.write(FILE, status);
      written = status;
    } catch (ControlPlaneException e) {
      LOG.error("{}", e.getMessage());
    }
  }
}
