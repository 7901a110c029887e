// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Path;

/** A living process runs the lab that was to be made or removed. */
public final class LabBusyException extends IOException {
  private static final long serialVersionUID = 1L;

  LabBusyException(Path directory, long pid) {
    super(
        "the lab in %s is run by process %d; end that first: kill %d"
            .formatted(directory, pid, pid));
  }
}
