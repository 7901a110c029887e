// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;
import java.nio.file.Path;

/** A program tied to what it acts on. It stays so while a descriptor or a pin of the link lives. */
public abstract sealed class BpfLink implements AutoCloseable permits CgroupLink, NetnsLink {
  private final Fd fd;

  BpfLink(Fd fd) {
    this.fd = fd;
  }

  /**
   * Opens a link of either kind by its pin.
   *
   * @throws IOException when nothing, or something else than a link, is pinned there
   */
  public static BpfLink openPinned(Path pin) throws IOException {
    Fd fd = Pins.open(pin, Pins.LINK);
    try {
      return of(fd, pin);
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  private static BpfLink of(Fd fd, Path pin) throws IOException {
    int kind = LinkInfo.of(fd).kind();
    return switch (kind) {
      case LinkInfo.CGROUP -> new CgroupLink(fd);
      case LinkInfo.NETNS -> new NetnsLink(fd);
      default ->
          throw new IOException(
              "%s is a link of kind %d, neither of a cgroup nor of a network namespace"
                  .formatted(pin, kind));
    };
  }

  /** Opens a link of the expected kind by its pin. */
  static <L extends BpfLink> L openPinned(Path pin, Class<L> kind) throws IOException {
    BpfLink link = openPinned(pin);
    if (kind.isInstance(link)) {
      return kind.cast(link);
    }
    link.close();
    throw new IOException("%s is no %s".formatted(pin, kind.getSimpleName()));
  }

  /**
   * Keeps the link alive beyond this process.
   *
   * @param path a name on a mounted bpffs that does not exist yet
   */
  public void pin(Path path) throws IOException {
    LibbpfCalls.pin(fd, path);
  }

  /**
   * Replaces the program at once: whatever comes before meets the old one, whatever after the new.
   *
   * @throws IllegalArgumentException when the program is for another hook; the kernel itself only
   *     compares program types and would run connect6 for IPv4
   */
  public void update(BpfProgram program) throws IOException {
    if (info().attachType() != program.attachType()) {
      throw new IllegalArgumentException(
          "%s is for %s, which is not the hook of this link"
              .formatted(program.name(), program.section()));
    }
    LibbpfCalls.updateLink(fd, program);
  }

  public LinkInfo info() throws IOException {
    return LinkInfo.of(fd);
  }

  /** Unties the program now, pinned or not; the pin, which is a file, stays. */
  public void detach() throws IOException {
    LibbpfCalls.detachLink(fd);
  }

  /** Closes the descriptor: an unpinned link ends, a pinned one lives on. */
  @Override
  public void close() {
    fd.close();
  }
}
