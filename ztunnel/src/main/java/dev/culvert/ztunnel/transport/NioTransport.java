// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import dev.culvert.linux.socket.NioDescriptors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.util.List;

/**
 * Netty keeps the JDK's channels to itself, and only they know their descriptor: so, subclasses.
 */
final class NioTransport extends Transport {
  /** Of datagram channels, whose class is final. */
  private static final AttributeKey<Integer> DESCRIPTOR =
      AttributeKey.valueOf(NioTransport.class, "descriptor");

  private interface Described {
    java.nio.channels.Channel described();
  }

  @Override
  public String name() {
    return "nio";
  }

  @Override
  public int descriptor(Channel channel) {
    return channel instanceof Described described
        ? NioDescriptors.fd(described.described())
        : channel.attr(DESCRIPTOR).get();
  }

  @Override
  IoHandlerFactory ioHandlers() {
    return NioIoHandler.newFactory();
  }

  @Override
  public ServerSocketChannel plainListener() {
    return new NioServerSocketChannel();
  }

  @Override
  public SocketChannel plainSocket() {
    return new NioSocketChannel();
  }

  @Override
  ServerSocketChannel newListener() throws IOException {
    return new Listener(marked(java.nio.channels.ServerSocketChannel.open()));
  }

  @Override
  SocketChannel newSocket(SocketProtocolFamily family) throws IOException {
    return new Socket(null, marked(java.nio.channels.SocketChannel.open(family.toJdkFamily())));
  }

  @Override
  DatagramChannel newDatagramSocket() throws IOException {
    var socket = marked(java.nio.channels.DatagramChannel.open());
    DatagramChannel channel = new NioDatagramChannel(socket);
    channel.attr(DESCRIPTOR).set(NioDescriptors.fd(socket));
    return channel;
  }

  private static <C extends java.nio.channels.Channel> C marked(C channel) throws IOException {
    try {
      mark(NioDescriptors.fd(channel));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  ChannelOption<Boolean> reusePort() {
    return NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
  }

  private static final class Listener extends NioServerSocketChannel implements Described {
    Listener(java.nio.channels.ServerSocketChannel channel) {
      super(channel);
    }

    @Override
    public java.nio.channels.Channel described() {
      return javaChannel();
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      java.nio.channels.SocketChannel channel = javaChannel().accept();
      if (channel == null) {
        return 0;
      }
      accepted.add(new Socket(this, channel));
      return 1;
    }
  }

  private static final class Socket extends NioSocketChannel implements Described {
    Socket(Channel parent, java.nio.channels.SocketChannel channel) {
      super(parent, channel);
    }

    @Override
    public java.nio.channels.Channel described() {
      return javaChannel();
    }
  }
}
