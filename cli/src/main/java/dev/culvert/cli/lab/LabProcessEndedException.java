// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

/** A process ended that should have run on; the message holds the end of its log. */
public final class LabProcessEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LabProcessEndedException(String name, int exitCode, String lastLines) {
    super("%s ended with %d:%n%s".formatted(name, exitCode, lastLines));
  }
}
