// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.state;

/** The state folder cannot be used. The message names the file, what is wrong and the remedy. */
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(Object file, String problem, String remedy) {
    super("%s: %s; %s".formatted(file, problem, remedy));
  }

  public StateException(Object file, String problem, String remedy, Throwable cause) {
    super("%s: %s; %s".formatted(file, problem, remedy), cause);
  }
}
