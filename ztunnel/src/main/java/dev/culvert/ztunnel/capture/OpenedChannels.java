// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Channels that open by and by, and of which some may fail to. */
final class OpenedChannels {
  private OpenedChannels() {}

  /** Those that are open by now. */
  static Stream<Channel> now(List<CompletableFuture<Channel>> all) {
    return all.stream()
        .filter(one -> one.isDone() && !one.isCompletedExceptionally())
        .map(CompletableFuture::join);
  }

  /** Closes those that are open and those that still open; done when they are closed. */
  static CompletableFuture<Void> closed(List<CompletableFuture<Channel>> all) {
    return CompletableFuture.allOf(
        all.stream().map(OpenedChannels::closeOnceOpen).toArray(CompletableFuture<?>[]::new));
  }

  private static CompletableFuture<Void> closeOnceOpen(CompletableFuture<Channel> one) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    var _ =
        one.whenComplete(
            (channel, error) -> {
              if (channel == null) {
                closed.complete(null);
              } else {
                channel.close().addListener(done -> closed.complete(null));
              }
            });
    return closed;
  }
}
