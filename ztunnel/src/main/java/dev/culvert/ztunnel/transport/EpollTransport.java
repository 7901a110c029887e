// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;

final class EpollTransport extends Transport {
  @Override
  public String name() {
    return "epoll";
  }

  @Override
  public int descriptor(Channel channel) {
    return ((UnixChannel) channel).fd().intValue();
  }

  @Override
  IoHandlerFactory ioHandlers() {
    return QuietEpoll.factory();
  }

  @Override
  ServerSocketChannel newListener() throws IOException {
    return marked(new EpollServerSocketChannel());
  }

  @Override
  SocketChannel newSocket() throws IOException {
    return marked(new EpollSocketChannel());
  }

  @Override
  DatagramChannel newDatagramSocket() throws IOException {
    return marked(new EpollDatagramChannel());
  }

  private <C extends Channel> C marked(C channel) throws IOException {
    try {
      mark(descriptor(channel));
      return channel;
    } catch (IOException e) {
      channel.unsafe().closeForcibly();
      throw e;
    }
  }

  @Override
  ChannelOption<Boolean> reusePort() {
    return UnixChannelOption.SO_REUSEPORT;
  }
}
