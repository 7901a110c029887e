// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.state;

/** The control plane cannot start or go on. Names the file or setting, the problem, the remedy. */
public final class ControlPlaneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ControlPlaneException(Object file, String problem, String remedy) {
    super("%s: %s; %s".formatted(file, problem, remedy));
  }

  public ControlPlaneException(Object file, String problem, String remedy, Throwable cause) {
    super("%s: %s; %s".formatted(file, problem, remedy), cause);
  }
}
