// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.WaitingBody;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.observe.ResponseFlag;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a backend, by one attempt or several. It hears the client; its attempt
 * hears the backend. A part of a body that was written is not kept: from then on there is no other
 * attempt.
 */
final class Forwarding implements HttpStream.Events, Asking {
  private final Exchange exchange;
  private final RoutePlan plan;
  private final BackendPools pools;
  private final WaitingBody waiting = new WaitingBody();
  private final boolean bodyless;

  private @Nullable Attempt attempt;
  private @Nullable Future<?> timer;
  private @Nullable Future<?> retryTimer;
  private int tried;
  private boolean bodySent;
  private boolean over;

  Forwarding(Exchange exchange, RoutePlan plan, BackendPools pools) {
    this.exchange = exchange;
    this.plan = plan;
    this.pools = pools;
    this.bodyless = exchange.isBodyless();
  }

  void begin() {
    exchange.forwardTo(Mirrors.beside(this, exchange, plan, pools));
    Duration limit = plan.timeouts().request();
    if (limit.isPositive()) {
      timer = after(limit, this::tooLate);
    }
    attempt();
  }

  private void attempt() {
    retryTimer = null;
    if (over) {
      return;
    }
    RoutePlan.Weighted backend = plan.draw();
    if (backend == null) {
      refuse(new Pick.None(true, "the rule has no backend"));
      return;
    }
    switch (backend.destination().next(this)) {
      case Pick.None none -> refuse(none);
      case Target target -> attempt(backend, target);
    }
  }

  private void refuse(Pick.None none) {
    finish();
    exchange.answer(
        none.missing()
            ? LocalAnswer.of(500, ResponseFlag.NO_CLUSTER, none.reason())
            : LocalAnswer.of(503, ResponseFlag.NO_HEALTHY_UPSTREAM, none.reason()));
  }

  private void attempt(RoutePlan.Weighted backend, Target target) {
    tried++;
    exchange.attempted(backend.destination(), target);
    attempt = new Attempt(this, backend.changes());
    attempt.limit(plan.timeouts().backendRequest());
    pools.take(target, attempt);
  }

  // === what the choice of an endpoint needs ===

  @Override
  public boolean isHttp2() {
    return exchange.protocol().startsWith("HTTP/2");
  }

  @Override
  public InetSocketAddress address() {
    return exchange.connection().local();
  }

  // === what the attempt needs ===

  Exchange exchange() {
    return exchange;
  }

  Future<?> after(Duration delay, Runnable task) {
    return exchange.connection().loop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The attempt has a stream: sends what there is of the request. */
  void sendTo(BackendStream stream, Attempt to) {
    stream.send(to.changed(exchange.head()), bodyless, to);
    if (!bodyless) {
      pour();
    }
    if (!exchange.isInTurn()) {
      stream.flush();
    }
  }

  /** What waited of the client's bytes can go on. */
  void pour() {
    waiting.pour(this);
  }

  /** The attempt came to nothing before anything of a response was passed on. */
  void failed(StreamFailure failure, boolean reused) {
    if (over) {
      return;
    }
    if (mayRepeat(failure, reused)) {
      repeat(failure.untouched());
    } else {
      boolean exhausted = tried > 1 && tried > plan.retries().attempts();
      finish();
      exchange.fail(
          statusOf(failure.flag()),
          exhausted
              ? new StreamFailure(ResponseFlag.RETRIES_EXCEEDED, failure.problem())
              : failure);
    }
  }

  /** Whether the status is to be asked for again. */
  boolean refuses(int status) {
    return plan.retries().codes().contains(status) && mayRepeat();
  }

  void repeat(boolean atOnce) {
    attempt = null;
    Duration pause = atOnce && tried == 1 ? Duration.ZERO : backoff(plan.retries());
    retryTimer = after(pause, this::attempt);
  }

  /** Doubled with each attempt, and spread, so that many clients do not come together. */
  private Duration backoff(Retries retries) {
    long most = retries.backoff().toNanos() << Math.min(tried - 1, 6);
    return Duration.ofNanos(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
  }

  private boolean mayRepeat(StreamFailure failure, boolean reused) {
    return mayRepeat()
        && (failure.untouched() || plan.retries().anyFailure() || (reused && isIdempotent()));
  }

  private boolean mayRepeat() {
    return !bodySent && tried <= plan.retries().attempts();
  }

  /** RFC 9110, section 9.2.2. */
  private boolean isIdempotent() {
    return switch (exchange.head().method().name()) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> false;
    };
  }

  private static int statusOf(ResponseFlag flag) {
    return switch (flag) {
      case UPSTREAM_PROTOCOL -> 502;
      case UPSTREAM_TIMEOUT -> 504;
      default -> 503;
    };
  }

  /** The response is whole. */
  void respondedWhole(HttpHeaders trailers) {
    finish();
    exchange.end(trailers);
  }

  /** The response broke in the middle. */
  void broke(StreamFailure failure) {
    finish();
    exchange.fail(502, failure);
  }

  private void tooLate() {
    timer = null;
    if (!over) {
      Attempt last = attempt;
      finish();
      if (last != null) {
        last.cancel();
      }
      exchange.fail(
          504,
          new StreamFailure(
              ResponseFlag.UPSTREAM_TIMEOUT,
              "longer than the route's request time-out of " + plan.timeouts().request()));
    }
  }

  private void finish() {
    over = true;
    attempt = null;
    waiting.release();
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (retryTimer != null) {
      retryTimer.cancel(false);
      retryTimer = null;
    }
  }

  // === the client's events ===

  @Override
  public void data(ByteBuf data) {
    if (over) {
      int bytes = data.readableBytes();
      data.release();
      exchange.consumed(bytes);
    } else if (attempt == null || !attempt.takesBody()) {
      waiting.add(data);
    } else {
      bodySent = true;
      attempt.write(data);
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    if (over || (bodyless && !isTunnel())) {
      return;
    }
    if (attempt == null || !attempt.takesBody()) {
      waiting.end(trailers);
    } else {
      attempt.end(trailers);
    }
  }

  private boolean isTunnel() {
    return attempt != null && attempt.isTunnel();
  }

  @Override
  public void dataComplete() {
    if (attempt != null) {
      attempt.flush();
    }
  }

  @Override
  public void writable() {
    if (attempt != null) {
      attempt.clientWritable();
    }
  }

  @Override
  public void failed(StreamFailure failure) {
    if (!over) {
      Attempt last = attempt;
      finish();
      if (last != null) {
        last.cancel();
      }
    }
  }
}
