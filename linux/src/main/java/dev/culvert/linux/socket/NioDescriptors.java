// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import java.lang.reflect.Method;
import java.nio.channels.Channel;
import java.util.Optional;

/**
 * The kernel's descriptor of an NIO channel, for socket options that the JDK has no name for. Needs
 * {@code --add-opens=java.base/sun.nio.ch=ALL-UNNAMED}.
 */
public final class NioDescriptors {
  private static final Optional<Method> GET_FD_VAL = find();

  private NioDescriptors() {}

  /**
   * The number of the channel's descriptor, valid while the channel is open.
   *
   * @throws IllegalArgumentException for a channel that has none of its own
   * @throws IllegalStateException when the JVM was started without the flag above
   */
  public static int fd(Channel channel) {
    Method getter =
        GET_FD_VAL.orElseThrow(
            () ->
                new IllegalStateException(
                    "start the JVM with --add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
    try {
      return (int) getter.invoke(channel);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("has no descriptor: " + channel.getClass().getName(), e);
    }
  }

  private static Optional<Method> find() {
    try {
      Method method = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
      method.setAccessible(true);
      return Optional.of(method);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
