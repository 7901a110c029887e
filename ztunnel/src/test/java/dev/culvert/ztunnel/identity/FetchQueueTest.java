// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.identity.FetchQueue.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FetchQueueTest {
  private final FetchQueue queue = new FetchQueue(Runnable::run);
  private final List<String> started = new ArrayList<>();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();

  @Test
  void urgentOnesFirstThenInTheirOrder() {
    fill();
    queue.submit(Priority.RENEWAL, request("renewal"));
    queue.submit(Priority.PREFETCH, request("prefetch 1"));
    queue.submit(Priority.PREFETCH, request("prefetch 2"));
    queue.submit(Priority.CONNECTION, request("connection"));
    finishAll();

    assertThat(started.subList(FetchQueue.MAX_RUNNING, started.size()))
        .containsExactly("connection", "prefetch 1", "prefetch 2", "renewal");
  }

  @Test
  void hurriedWhenAConnectionWaits() {
    fill();
    queue.submit(Priority.PREFETCH, request("other"));
    FetchQueue.Waiting wanted = queue.submit(Priority.PREFETCH, request("wanted"));
    queue.hurry(wanted, Priority.CONNECTION);
    finishAll();

    assertThat(started.subList(FetchQueue.MAX_RUNNING, started.size()))
        .containsExactly("wanted", "other");
  }

  @Test
  void neverSlowedDownNorStartedTwice() {
    FetchQueue.Waiting first = queue.submit(Priority.PREFETCH, request("first"));
    queue.hurry(first, Priority.CONNECTION);
    queue.hurry(first, Priority.RENEWAL);

    assertThat(started).containsExactly("first");
  }

  @Test
  void failureMakesRoomToo() {
    fill();
    queue.submit(Priority.PREFETCH, request("next"));
    running.getFirst().completeExceptionally(new IllegalStateException("refused"));

    assertThat(started).endsWith("next");
  }

  private void fill() {
    for (int i = 0; i < FetchQueue.MAX_RUNNING; i++) {
      queue.submit(Priority.PREFETCH, request("first " + i));
    }
  }

  private Supplier<CompletableFuture<?>> request(String name) {
    return () -> {
      started.add(name);
      CompletableFuture<Void> future = new CompletableFuture<>();
      running.add(future);
      return future;
    };
  }

  private void finishAll() {
    for (int i = 0; i < running.size(); i++) {
      running.get(i).complete(null);
    }
  }
}
