// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.policy.traffic.Faults;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.WaitingBody;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.BackendFilter;
import dev.culvert.waypoint.plan.Mirror;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Treatment;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to a backend, by one attempt or several. It hears the client; its attempt
 * hears the backend. A part of a body that was written is not kept: from then on there is no other
 * attempt.
 */
final class Forwarding implements HttpStream.Events {
  private final Exchange exchange;
  private final RoutePlan plan;
  private final BackendPools pools;
  private final WaitingBody waiting = new WaitingBody();
  private final boolean bodyless;

  private final Choice choice;
  private final Repeats repeats;

  private @Nullable Attempt attempt;
  private @Nullable TimeOut timer;
  private @Nullable Future<?> retryTimer;
  private boolean bodySent;
  private boolean over;

  Forwarding(Exchange exchange, RoutePlan plan, BackendPools pools) {
    this.exchange = exchange;
    this.plan = plan;
    this.pools = pools;
    this.bodyless = exchange.isBodyless();
    this.choice = new Choice(exchange, plan);
    this.repeats = new Repeats(plan, choice.tried());
  }

  void begin() {
    RoutePlan.Weighted first = choice.draw();
    if (first != null && isAnswered(first)) {
      return;
    }
    exchange.forwardTo(Mirrors.beside(this, choice, exchange, mirrors(first), pools));
    Duration limit = plan.timeouts().request();
    if (limit.isPositive()) {
      timer = unlessBefore(limit, this::tooLate);
    }
    attempt(first);
  }

  /** Of the rule, and of the backend that has the request first. */
  private List<Mirror> mirrors(RoutePlan.@Nullable Weighted first) {
    List<Mirror> own = first == null ? List.of() : first.filters().mirrors();
    return own.isEmpty()
        ? plan.mirrors()
        : Stream.of(plan.mirrors(), own).flatMap(List::stream).toList();
  }

  private void again() {
    retryTimer = null;
    if (!over) {
      RoutePlan.Weighted next = choice.draw();
      if (next == null || !isAnswered(next)) {
        attempt(next);
      }
    }
  }

  /** A filter of the backend may answer in its place. */
  private boolean isAnswered(RoutePlan.Weighted backend) {
    BackendFilter.Answer instead =
        backend.filters().mayAnswer() ? backend.filters().instead(exchange.head(), client()) : null;
    if (instead == null) {
      return false;
    }
    answer(
        new LocalAnswer(
            instead.status(), ResponseFlag.NONE, instead.details(), instead.headers(), ""));
    return true;
  }

  /** What filters know of the client's connection. */
  BackendFilter.Client client() {
    return new BackendFilter.Client(
        exchange.connection().secure(), exchange.connection().local().getPort());
  }

  private void attempt(RoutePlan.@Nullable Weighted backend) {
    if (backend == null) {
      refuse(new Pick.None(true, "the rule has no backend"));
      return;
    }
    if (choice.tried().isEmpty()) {
      admit(backend);
    } else {
      send(backend);
    }
  }

  /** What comes before the first attempt. */
  private void admit(RoutePlan.Weighted backend) {
    Treatment treatment = plan.treatment(backend.destination());
    long pause = treatment.admission().take();
    if (pause > 0) {
      answer(Injected.tooMany(pause, backend.destination()));
      return;
    }
    if (treatment.faults().equals(Faults.NONE)) {
      send(backend);
      return;
    }
    Duration delay = Injected.delay(treatment.faults());
    if (delay.isPositive()) {
      retryTimer = after(delay, () -> abortOrSend(backend, treatment.faults()));
    } else {
      abortOrSend(backend, treatment.faults());
    }
  }

  private void abortOrSend(RoutePlan.Weighted backend, Faults faults) {
    retryTimer = null;
    if (!over) {
      Injected.abort(faults, backend.destination())
          .ifPresentOrElse(this::answer, () -> send(backend));
    }
  }

  private void answer(LocalAnswer answer) {
    finish();
    exchange.answer(answer);
  }

  private void send(RoutePlan.Weighted backend) {
    switch (backend.destination().next(choice)) {
      case Pick.None none -> refuse(none);
      case Target target ->
          attempt(
              backend,
              target.telling(exchange.connection().client(), exchange.connection().asked()));
    }
  }

  private void refuse(Pick.None none) {
    answer(
        none.missing()
            ? LocalAnswer.of(500, ResponseFlag.NO_CLUSTER, none.reason())
            : LocalAnswer.of(503, ResponseFlag.NO_HEALTHY_UPSTREAM, none.reason()));
  }

  private void attempt(RoutePlan.Weighted backend, Target target) {
    exchange.account().attempted(backend.destination(), target);
    if (!target.bounds().takeRequest()) {
      answer(
          LocalAnswer.of(
              503,
              ResponseFlag.UPSTREAM_OVERFLOW,
              "%s has %d requests under way, which is the bound"
                  .formatted(backend.destination(), target.bounds().limits().maxRequests())));
      return;
    }
    choice.add(target);
    repeats.askedFor(plan.treatment(backend.destination()).retries());
    attempt = new Attempt(this, target, backend.filters());
    attempt.limit(repeats.perTry());
    pools.take(target, attempt);
  }

  // === what the attempt needs ===

  Exchange exchange() {
    return exchange;
  }

  /** A time-out, which is cancelled as a rule. */
  TimeOut unlessBefore(Duration limit, Runnable late) {
    return pools.timeOuts().begin(limit, late);
  }

  private Future<?> after(Duration delay, Runnable task) {
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
      boolean exhausted = repeats.isExhausted();
      finish();
      exchange.fail(
          statusOf(failure.flag()),
          exhausted
              ? new StreamFailure(ResponseFlag.RETRIES_EXCEEDED, failure.problem())
              : failure);
    }
  }

  /**
   * Whether the answer is none, and is to be asked for again.
   *
   * @param grpc the code of a call that is all its answer; else null
   */
  boolean refuses(int status, @Nullable String grpc) {
    return repeats.refuses(status, grpc) && mayRepeat();
  }

  void repeat(boolean atOnce) {
    attempt = null;
    Duration pause = atOnce && choice.tried().size() == 1 ? Duration.ZERO : repeats.backoff();
    retryTimer = after(pause, this::again);
  }

  private boolean mayRepeat(StreamFailure failure, boolean reused) {
    return (failure.untouched() || repeats.afterAnyFailure() || (reused && wasIdle(failure)))
        && mayRepeat();
  }

  /** A kept connection may end just as a request comes, which then is to blame for nothing. */
  private boolean wasIdle(StreamFailure failure) {
    return failure.flag() == ResponseFlag.UPSTREAM_CLOSED && isIdempotent();
  }

  private boolean mayRepeat() {
    return !bodySent && repeats.takeNext();
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
        last.cancelUnanswered();
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
    repeats.end();
    if (timer != null) {
      timer.cancel();
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
