// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;

/** A program that looks up sockets in a network namespace; the link does not keep it alive. */
public final class NetnsLink extends BpfLink {
  NetnsLink(Fd fd) {
    super(fd);
  }

  /** Attaches a program of section {@code sk_lookup}, after those that are there. */
  public static NetnsLink attach(BpfProgram program, NetworkNamespace namespace)
      throws IOException {
    return new NetnsLink(LibbpfCalls.createLink(program, namespace.fd().value(), 0, namespace));
  }

  public static NetnsLink openPinned(Path pin) throws IOException {
    return openPinned(pin, NetnsLink.class);
  }
}
