// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;

/** Listens for Unix SOCK_SEQPACKET connections on a path that only its owner may connect to. */
public final class SeqpacketServer implements AutoCloseable {
  private static final int BACKLOG = 16;
  private static final LinkOption NOFOLLOW = LinkOption.NOFOLLOW_LINKS;

  private final Path path;
  private final Object boundFile;
  private final SharedDescriptor descriptor;

  private SeqpacketServer(Path path, Object boundFile, Fd fd) {
    this.path = path;
    this.boundFile = boundFile;
    this.descriptor = new SharedDescriptor(fd);
  }

  /**
   * Binds and listens. Makes missing folders; removes a socket file that a dead process left.
   *
   * @throws IOException when another process listens there already
   */
  public static SeqpacketServer listen(Path path) throws IOException {
    UnixAddress address = new UnixAddress(path.toAbsolutePath());
    Files.createDirectories(address.path().getParent());
    removeStale(address);
    Fd fd = SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_SEQPACKET);
    try {
      SocketCalls.bind(fd, address);
      // Nobody can connect before listen, so the default mode is never in effect.
      Files.setPosixFilePermissions(address.path(), PosixFilePermissions.fromString("rw-------"));
      SocketCalls.listen(fd, BACKLOG);
      return new SeqpacketServer(address.path(), fileKey(address.path()), fd);
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  private static void removeStale(UnixAddress address) throws IOException {
    if (!Files.exists(address.path(), NOFOLLOW)) {
      return;
    }
    try (Fd probe = SocketCalls.socket(SocketCalls.AF_UNIX, SocketCalls.SOCK_SEQPACKET)) {
      SocketCalls.connect(probe, address);
    } catch (ErrnoException e) {
      boolean socket = (boolean) Files.getAttribute(address.path(), "isOther", NOFOLLOW);
      if (e.errno() == Errno.ECONNREFUSED && socket) {
        Files.deleteIfExists(address.path());
        return;
      }
      throw new IOException(
          "%s: is there and is not a socket that a dead process left (%s); remove it"
              .formatted(address, e.errnoName()),
          e);
    }
    throw new IOException(
        address + ": another process listens here already; stop it or choose another path");
  }

  private static Object fileKey(Path path) throws IOException {
    return Files.getAttribute(path, "unix:ino", NOFOLLOW);
  }

  public Path path() {
    return path;
  }

  /**
   * Waits for a connection.
   *
   * @throws SocketTimeoutException when none comes in time
   * @throws IOException when this server is closed meanwhile
   */
  public SeqpacketSocket accept(Duration timeout) throws IOException {
    Deadline deadline = Deadline.after(timeout);
    Fd accepted =
        descriptor.use(
            fd -> {
              SocketCalls.await(fd, SocketCalls.POLLIN, deadline, "accept");
              return SocketCalls.accept(fd);
            });
    try {
      return new SeqpacketSocket(accepted);
    } catch (ErrnoException e) {
      accepted.close();
      throw e;
    }
  }

  public boolean isOpen() {
    return descriptor.isOpen();
  }

  /** Stops listening and removes the socket file, unless a successor has replaced it. */
  @Override
  public void close() {
    descriptor.close();
    try {
      if (Objects.equals(boundFile, fileKey(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException gone) {
      // Somebody else removed it: that is what was wanted.
    }
  }
}
