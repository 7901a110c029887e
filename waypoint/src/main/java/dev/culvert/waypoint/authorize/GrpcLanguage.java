// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.resource.ExtensionProvider;
import dev.culvert.policy.wire.authz.CheckResponse;
import dev.culvert.policy.wire.authz.DeniedHttpResponse;
import dev.culvert.policy.wire.authz.HeaderValueOption;
import dev.culvert.policy.wire.authz.OkHttpResponse;
import dev.culvert.policy.wire.authz.QueryParameter;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.forward.CallAnswer;
import dev.culvert.waypoint.forward.GrpcFraming;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A unary call of {@code envoy.service.auth.v3.Authorization/Check} (gRPC over HTTP2), which is one
 * message there and one back.
 */
final class GrpcLanguage implements Provider.Language {
  private static final String METHOD = "/envoy.service.auth.v3.Authorization/Check";
  private static final int FORBIDDEN = 403;

  private final String authority;
  private final Duration timeout;
  private final boolean raw;
  private final FieldNames asked;

  /**
   * @param authority of the provider's service
   */
  GrpcLanguage(ExtensionProvider settings, ExtensionProvider.Grpc grpc, String authority) {
    this.asked = new FieldNames(grpc.asked());
    this.authority = authority;
    this.timeout = settings.timeout();
    this.raw = settings.body().filter(ExtensionProvider.Body::raw).isPresent();
  }

  @Override
  public boolean isHttp2() {
    return true;
  }

  @Override
  public HttpRequest head(Exchange exchange, Provider.Told body) {
    return GrpcFraming.head(METHOD, authority, timeout);
  }

  @Override
  public byte[] body(Exchange exchange, Provider.Told body) {
    byte[] message = CheckMessages.of(exchange, body, raw, asked).toByteArray();
    return GrpcFraming.body(message);
  }

  @Override
  public Decision decision(CallAnswer.Whole answer) {
    CheckResponse response = message(GrpcFraming.message(answer));
    if (response.getStatus().getCode() == 0) {
      return allowed(response.getOkResponse());
    }
    return refused(response.getDeniedResponse());
  }

  private static CheckResponse message(ByteBuffer framed) {
    try {
      return CheckResponse.parseFrom(framed);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("its answer is no CheckResponse", e);
    }
  }

  private static Decision allowed(OkHttpResponse response) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (QueryParameter one : response.getQueryParametersToSetList()) {
      parameters.put(one.getKey(), one.getValue());
    }
    return new Decision.Allowed(
        edits(response.getHeadersList()),
        response.getHeadersToRemoveList(),
        edits(response.getResponseHeadersToAddList()),
        parameters,
        response.getQueryParametersToRemoveList());
  }

  private static Decision refused(DeniedHttpResponse response) {
    int status = response.getStatus().getCode();
    return new Decision.Refused(
        status >= 200 && status <= 599 ? status : FORBIDDEN,
        edits(response.getHeadersList()),
        response.getBody());
  }

  private static List<FieldEdit> edits(List<HeaderValueOption> options) {
    List<FieldEdit> edits = new ArrayList<>(options.size());
    for (HeaderValueOption option : options) {
      String value = option.getHeader().getValue();
      edits.add(
          new FieldEdit(
              option.getHeader().getKey(),
              value.isEmpty() ? option.getHeader().getRawValue().toString(UTF_8) : value,
              how(option)));
    }
    return edits;
  }

  /** The older field counts where it is written; without any, a field is replaced, as in Envoy. */
  private static FieldEdit.How how(HeaderValueOption option) {
    if (option.hasAppend()) {
      return option.getAppend().getValue() ? FieldEdit.How.APPEND : FieldEdit.How.SET;
    }
    return switch (option.getAppendAction()) {
      case ADD_IF_ABSENT -> FieldEdit.How.ADD_IF_ABSENT;
      case OVERWRITE_IF_EXISTS -> FieldEdit.How.OVERWRITE_IF_PRESENT;
      case APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD, UNRECOGNIZED -> FieldEdit.How.SET;
    };
  }
}
