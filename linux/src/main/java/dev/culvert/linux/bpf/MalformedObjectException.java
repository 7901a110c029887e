// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.io.IOException;

/** The bytes are no BPF object file, or one that contradicts itself. */
public final class MalformedObjectException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedObjectException(String message) {
    super("not a valid BPF object file: " + message);
  }
}
