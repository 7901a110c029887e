// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.io.File;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's Unix stream socket. Only one agent can have the path, which also keeps two agents
 * from working on the same pods.
 */
public final class AdminSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminSocket.class);
  private static final int BACKLOG = 16;
  private static final long PAUSE_NANOS = 200_000_000;

  private final Path path;
  private final UnixServerSocketChannel channel;
  private final Selector selector;
  private final Callers requests;
  private final Thread thread;

  private AdminSocket(
      Path path, UnixServerSocketChannel channel, Selector selector, Callers requests) {
    this.path = path;
    this.channel = channel;
    this.selector = selector;
    this.requests = requests;
    this.thread = Thread.ofPlatform().daemon().name("admin accept").unstarted(this::acceptAll);
  }

  /**
   * Listens; a socket file that a dead agent left is replaced.
   *
   * @param answers by request word
   * @throws IOException when another agent listens there
   */
  public static AdminSocket listen(Path path, Map<String, Answer> answers) throws IOException {
    return listen(path, new AdminRequests(answers));
  }

  /**
   * Listens for calls of the CNI plugin.
   *
   * @throws IOException when another agent listens there
   */
  public static AdminSocket listenForCni(Path path, SandboxRequests sandboxes) throws IOException {
    return listen(path, new CniCalls(sandboxes));
  }

  private static AdminSocket listen(Path path, Callers requests) throws IOException {
    Path absolute = path.toAbsolutePath();
    Files.createDirectories(absolute.getParent());
    removeStale(absolute);
    UnixServerSocketChannel channel = UnixServerSocketChannel.open();
    try {
      bind(channel, absolute);
      Files.setPosixFilePermissions(absolute, PosixFilePermissions.fromString("rw-------"));
      channel.configureBlocking(false);
      Selector selector = NativeSelectorProvider.getInstance().openSelector();
      channel.register(selector, SelectionKey.OP_ACCEPT);
      AdminSocket socket = new AdminSocket(absolute, channel, selector, requests);
      socket.thread.start();
      return socket;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void bind(UnixServerSocketChannel channel, Path path) throws IOException {
    try {
      channel.socket().bind(address(path), BACKLOG);
    } catch (IOException e) {
      throw new IOException("%s: cannot be made: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static UnixSocketAddress address(Path path) {
    return new UnixSocketAddress(new File(path.toString()));
  }

  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!(boolean) Files.getAttribute(path, "isOther", LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(path + ": is there and is no socket; remove it or choose another path");
    }
    if (isAnswered(path)) {
      throw new IOException(
          path
              + ": another agent is running; stop it, or give this one its own socket and pin-dir");
    }
    Files.deleteIfExists(path);
  }

  private static boolean isAnswered(Path path) {
    try (UnixSocketChannel probe = UnixSocketChannel.open(address(path))) {
      return probe.isConnected();
    } catch (IOException dead) {
      return false;
    }
  }

  private void acceptAll() {
    while (channel.isOpen()) {
      try {
        selector.select();
        selector.selectedKeys().clear();
        acceptOne();
      } catch (IOException e) {
        if (channel.isOpen()) {
          LOG.warn("{}: a caller was not taken: {}", path, e.getMessage());
          LockSupport.parkNanos(PAUSE_NANOS); // such as EMFILE: not again at once
        }
      }
    }
  }

  private void acceptOne() throws IOException {
    UnixSocketChannel caller = channel.isOpen() ? channel.accept() : null;
    if (caller != null) {
      Thread.ofPlatform().daemon().name("admin").start(() -> requests.answer(caller));
    }
  }

  /** Stops listening and removes the socket file; requests under way are answered. */
  @Override
  public void close() {
    try {
      channel.close();
      selector.wakeup();
      thread.join();
      selector.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("{}: cannot be closed: {}", path, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
