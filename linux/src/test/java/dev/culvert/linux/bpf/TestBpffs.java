// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bpffs of its own: what is pinned in it goes with it. */
public final class TestBpffs implements AutoCloseable {
  private final Path path;

  public TestBpffs() throws IOException {
    path = Files.createTempDirectory("culvert-bpffs");
    Mounts.mountBpffs(path);
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    Mounts.unmount(path);
    Files.delete(path);
  }
}
