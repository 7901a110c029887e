// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.app;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Makes the sockets of apps in one pod. */
public final class PodSockets implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final NodeThread node;
  private final NetworkNamespace namespace;

  private PodSockets(NodeThread node, NetworkNamespace namespace) {
    this.node = node;
    this.namespace = namespace;
  }

  /** For the pod whose namespace this is. */
  public static PodSockets in(NodeThread node, Path namespace) throws IOException {
    return new PodSockets(node, NetworkNamespace.open(namespace));
  }

  /** Connects; an INET6 socket reaches an IPv4 destination by its v4-mapped address. */
  public AppConnection connect(ProtocolFamily family, InetSocketAddress destination)
      throws IOException {
    SocketChannel channel = node.in(namespace, () -> SocketChannel.open(family));
    try {
      channel.connect(destination);
      return new AppConnection(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Listens on every address of the pod. */
  public AppServer serve(int port, AppServer.Service service) throws IOException {
    return AppServer.start(node.in(namespace, () -> listener(port, false)), service);
  }

  /** Listens on every address of the pod, on a port that others of the same user may share. */
  public AppServer serveShared(int port, AppServer.Service service) throws IOException {
    return AppServer.start(node.in(namespace, () -> listener(port, true)), service);
  }

  /** A UDP socket that is not connected. */
  public DatagramChannel udp(ProtocolFamily family) throws IOException {
    return node.in(namespace, () -> DatagramChannel.open(family));
  }

  private static ServerSocketChannel listener(int port, boolean shared) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.INET6);
    try {
      listener.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
      return listener.bind(new InetSocketAddress(port), BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  @Override
  public void close() {
    namespace.close();
  }
}
