// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.HopByHop;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.BackendFilters;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One attempt to have a request answered by an endpoint. On its event loop. */
final class Attempt implements StreamWaiter, BackendStream.Events {
  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");

  private final Forwarding forwarding;
  private final Exchange exchange;
  private final Target target;
  private final BackendFilters filters;
  private final RequestFlow requestFlow;
  private final ResponseFlow responseFlow;

  private @Nullable BackendStream stream;
  private @Nullable TimeOut timer;
  private @Nullable TimeOut connectTimer;
  private Usage.Outcome outcome = Usage.Outcome.UNKNOWN;
  private boolean responded;
  private boolean tunnel;
  private boolean over;

  /**
   * @param target of which a request was taken, that is given back when the attempt is over
   * @param filters of what goes to this backend and comes from it
   */
  Attempt(Forwarding forwarding, Target target, BackendFilters filters) {
    this.forwarding = forwarding;
    this.target = target;
    this.filters = filters;
    this.exchange = forwarding.exchange();
    this.requestFlow = new RequestFlow(exchange);
    this.responseFlow = new ResponseFlow(exchange);
    target.usage().began();
  }

  /** Gives up after this time; zero is never. */
  void limit(Duration atMost) {
    if (atMost.isPositive()) {
      timer = forwarding.unlessBefore(atMost, () -> tooLate(atMost));
    }
    target
        .bounds()
        .limits()
        .connectTimeout()
        .ifPresent(span -> connectTimer = forwarding.unlessBefore(span, () -> notConnected(span)));
  }

  private void notConnected(Duration limit) {
    connectTimer = null;
    if (stream == null) {
      String problem = "no connection to %s in %s".formatted(target.address(), limit);
      refused(new StreamFailure(ResponseFlag.UPSTREAM_CONNECT, problem, true));
    }
  }

  private void tooLate(Duration limit) {
    timer = null;
    if (!over) {
      cancelUnanswered();
      settle(
          new StreamFailure(
              ResponseFlag.UPSTREAM_TIMEOUT, "longer than the backend's time-out of " + limit));
    }
  }

  /** It took too long. */
  void cancelUnanswered() {
    if (!responded) {
      outcome = Usage.Outcome.NO_ANSWER;
    }
    cancel();
  }

  /** Nobody waits for it any more. */
  void cancel() {
    over();
    if (stream != null) {
      stream.reset();
    }
  }

  private void over() {
    if (over) {
      return;
    }
    over = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    connected();
    requestFlow.release();
    responseFlow.release();
    target.bounds().giveRequest();
    target.usage().ended(outcome);
  }

  private void connected() {
    if (connectTimer != null) {
      connectTimer.cancel();
      connectTimer = null;
    }
  }

  /** The head as this backend is to see it: another attempt may go to another. */
  HttpRequest changed(HttpRequest head) {
    return filters.isNone() ? head : filters.changed(head, forwarding.client());
  }

  // === the pool's answer ===

  @Override
  public void ready(BackendStream opened) {
    stream = opened;
    connected();
    exchange.account().connected(opened.local());
    forwarding.sendTo(opened, this);
  }

  @Override
  public void refused(StreamFailure failure) {
    if (!over) {
      outcome = of(failure);
      exchange.account().unconnected(failure.problem());
      over();
      settle(failure);
    }
  }

  @Override
  public boolean isGone() {
    return over;
  }

  /** A bound of ours says nothing of the endpoint. */
  private static Usage.Outcome of(StreamFailure failure) {
    return failure.flag() == ResponseFlag.UPSTREAM_OVERFLOW
        ? Usage.Outcome.UNKNOWN
        : Usage.Outcome.NO_ANSWER;
  }

  private void settle(StreamFailure failure) {
    if (responded) {
      forwarding.broke(failure);
    } else {
      forwarding.failed(failure, stream != null && stream.isReused());
    }
  }

  // === the client's side ===

  /** Not before there is a stream, and after a head without a body not before another protocol. */
  boolean takesBody() {
    return stream != null && !over && (tunnel || !exchange.isBodyless());
  }

  boolean isTunnel() {
    return tunnel;
  }

  void write(ByteBuf data) {
    requestFlow.write(data, stream);
  }

  void end(HttpHeaders trailers) {
    requestFlow.end(trailers, stream);
  }

  void flush() {
    if (stream != null && !over) {
      stream.flush();
    }
  }

  void clientWritable() {
    if (stream != null && !over) {
      responseFlow.writable(stream);
    }
  }

  // === the backend's events ===

  @Override
  public void response(HttpResponse head) {
    int status = head.status().code();
    String code = head.headers().get(GRPC_STATUS);
    if (status >= 200) {
      outcome = code == null ? Usage.Outcome.of(status) : Usage.Outcome.ofGrpc(code);
    }
    if (status >= 200 && forwarding.refuses(status, code)) {
      cancel();
      forwarding.repeat(false);
      return;
    }
    String upgrade = status == 101 ? head.headers().get(HttpHeaderNames.UPGRADE) : null;
    HopByHop.strip(head.headers());
    if (upgrade != null) {
      head.headers().set(HttpHeaderNames.UPGRADE, upgrade);
    }
    filters.response(exchange.head(), head);
    tunnel = status == 101;
    responded |= tunnel || status >= 200;
    exchange.respond(head);
    if (tunnel) {
      forwarding.pour();
    }
  }

  @Override
  public void data(ByteBuf data) {
    if (over) {
      data.release();
    } else {
      responseFlow.write(data, stream);
    }
  }

  @Override
  public void ended(HttpHeaders trailers) {
    if (!over) {
      String code = trailers.get(GRPC_STATUS);
      if (code != null) {
        outcome = Usage.Outcome.ofGrpc(code);
      }
      responseFlow.sendSmall();
      over();
      forwarding.respondedWhole(trailers);
    }
  }

  @Override
  public void dataComplete() {
    if (!over) {
      exchange.flush();
    }
  }

  @Override
  public void writable() {
    if (!over) {
      requestFlow.writable(stream);
    }
  }

  @Override
  public void failed(StreamFailure failure) {
    if (!over) {
      outcome = of(failure);
      over();
      settle(failure);
    }
  }
}
