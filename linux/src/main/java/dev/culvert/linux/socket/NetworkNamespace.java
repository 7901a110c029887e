// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * An open network namespace: it lives at least as long as this descriptor. See
 * network_namespaces(7).
 */
public final class NetworkNamespace implements AutoCloseable {
  private static final Path CURRENT = Path.of("/proc/thread-self/ns/net");

  /** Of the process' first thread, which never enters another. */
  private static final Path OF_PROCESS = Path.of("/proc/self/ns/net");

  /** Whether the thread is where the process is; one may have been started inside another. */
  private static final ThreadLocal<Boolean> AT_HOME =
      ThreadLocal.withInitial(NetworkNamespace::startedAtHome);

  /** The process' own namespace, opened once: a thread that goes home needs no file of its own. */
  private static volatile Fd home;

  private final Fd fd;
  private long inode;
  private long cookie;

  private NetworkNamespace(Fd fd) {
    this.fd = fd;
  }

  /**
   * Opens a namespace by its file.
   *
   * @param path for example {@code /run/netns/NAME} or {@code /proc/PID/ns/net}
   * @throws IOException also when the file is there but is no network namespace, as a name under
   *     /run/netns is once it was unmounted
   */
  public static NetworkNamespace open(Path path) throws IOException {
    return checked(NamespaceCalls.open(path), path.toString());
  }

  /**
   * Takes ownership of a descriptor that came from elsewhere, for example in SCM_RIGHTS.
   *
   * @throws IOException when it is no network namespace; the descriptor is closed then
   */
  public static NetworkNamespace of(Fd fd) throws IOException {
    return checked(fd, fd.toString());
  }

  /** The namespace of the calling thread. */
  public static NetworkNamespace current() throws IOException {
    return open(CURRENT);
  }

  private static NetworkNamespace checked(Fd fd, String name) throws IOException {
    if (NamespaceCalls.isNetworkNamespace(fd)) {
      return new NetworkNamespace(fd);
    }
    fd.close();
    throw new IOException(
        name + ": is not a network namespace; was it deleted, or never made with 'ip netns add'?");
  }

  /** The descriptor, owned by this object. */
  public Fd fd() {
    return fd;
  }

  /** A second handle of the same namespace, with a life of its own. */
  public NetworkNamespace duplicate() throws ErrnoException {
    return new NetworkNamespace(fd.duplicate());
  }

  /** The number of the namespace in nsfs: two handles of one namespace have the same. */
  public synchronized long inode() throws IOException {
    if (inode == 0) {
      inode = (long) Files.getAttribute(Path.of("/proc/self/fd/" + fd.value()), "unix:ino");
    }
    return inode;
  }

  /** SO_NETNS_COOKIE: what BPF programs know the namespace by, unique until the next boot. */
  public synchronized long cookie() throws IOException {
    if (cookie == 0) {
      cookie = cookieOfSocketInside();
    }
    return cookie;
  }

  /**
   * The addresses of its interfaces. Unlike {@link java.net.NetworkInterface}, which finds IPv6
   * addresses in /proc/net and so sees those of the process' first thread.
   */
  public Set<InetAddress> addresses() throws IOException {
    return callForIo(InterfaceAddresses::ofCurrentNamespace);
  }

  private long cookieOfSocketInside() throws IOException {
    try (Fd socket = callForIo(SocketCalls::datagram)) {
      return SocketOptions.namespaceCookie(socket.value());
    }
  }

  private <T> T callForIo(Callable<T> body) throws IOException {
    try {
      return call(body);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /**
   * Runs the body with the calling thread inside this namespace and returns home whatever happens.
   * Sockets that the body makes stay in the namespace; threads that it starts would too, so it must
   * start none. When the thread cannot return home the process halts: nothing that ran on it later
   * would be where it believes to be.
   *
   * @throws IllegalStateException on a virtual thread, whose carrier would change under it
   * @throws ErrnoException when the namespace cannot be entered
   * @throws Exception what the body throws
   */
  public <T> T call(Callable<T> body) throws Exception {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a virtual thread cannot enter a network namespace: use a platform thread");
    }
    if (AT_HOME.get()) {
      return callFrom(home(), body);
    }
    try (Fd here = NamespaceCalls.open(CURRENT)) {
      return callFrom(here, body);
    }
  }

  private <T> T callFrom(Fd before, Callable<T> body) throws Exception {
    boolean atHome = AT_HOME.get();
    NamespaceCalls.enter(fd);
    AT_HOME.set(false);
    try {
      return body.call();
    } finally {
      returnTo(before);
      AT_HOME.set(atHome);
    }
  }

  private static void returnTo(Fd before) {
    try {
      NamespaceCalls.enter(before);
    } catch (ErrnoException | RuntimeException e) {
      System.err.println("fatal: a thread cannot leave a network namespace: " + e.getMessage());
      Runtime.getRuntime().halt(70);
    }
  }

  private static Fd home() throws ErrnoException {
    if (home == null) {
      synchronized (NetworkNamespace.class) {
        if (home == null) {
          home = NamespaceCalls.open(OF_PROCESS);
        }
      }
    }
    return home;
  }

  private static boolean startedAtHome() {
    try {
      return Files.readSymbolicLink(CURRENT).equals(Files.readSymbolicLink(OF_PROCESS));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "network namespace " + fd;
  }
}
