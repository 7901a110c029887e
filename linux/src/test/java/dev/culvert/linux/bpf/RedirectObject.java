// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The prebuilt object of module bpf-programs. */
public final class RedirectObject {
  private static final String RESOURCE = "/dev/culvert/bpf/redirect.bpf.o";

  private RedirectObject() {}

  static byte[] bytes() {
    try (InputStream in = RedirectObject.class.getResourceAsStream(RESOURCE)) {
      return Objects.requireNonNull(in, RESOURCE).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static BpfObjectSpec spec() throws MalformedObjectException {
    return BpfObjectSpec.read("redirect", bytes());
  }
}
