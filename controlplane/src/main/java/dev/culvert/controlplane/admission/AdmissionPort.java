// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.culvert.controlplane.state.ControlPlaneException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where an API server asks, over HTTPS. What is answered is no secret: status says the same. */
public final class AdmissionPort implements AutoCloseable {
  /** The path to ask at. */
  public static final String PATH = "/validate";

  private static final Logger LOG = LoggerFactory.getLogger(AdmissionPort.class);
  private static final String TLS = "TLSv1.3";

  /** An API server stores 1.5 MiB at most, and sends what was before with what is to be. */
  private static final int LARGEST_REVIEW = 8 * 1024 * 1024;

  private static final int WITHOUT_BODY = -1;

  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpsServer server;
  private final Admission admission;
  private final MeterRegistry registry;

  private AdmissionPort(HttpsServer server, Admission admission, MeterRegistry registry) {
    this.server = server;
    this.admission = admission;
    this.registry = registry;
    server.createContext("/", exchange -> end(exchange, HttpURLConnection.HTTP_NOT_FOUND));
    server.createContext(PATH, this::handle);
    server.setExecutor(executor);
    server.start();
  }

  /**
   * Starts to answer.
   *
   * @param keys the control plane's own, as they are at each handshake
   * @throws ControlPlaneException when the address cannot be listened on
   */
  public static AdmissionPort start(
      InetSocketAddress address,
      X509ExtendedKeyManager keys,
      Admission admission,
      MeterRegistry registry) {
    try {
      HttpsServer server = HttpsServer.create(address, 0);
      server.setHttpsConfigurator(new Only13(context(keys)));
      return new AdmissionPort(server, admission, registry);
    } catch (IOException e) {
      throw new ControlPlaneException(
          "webhook-listen",
          "cannot listen on %s (%s)".formatted(address, e.getMessage()),
          "free the port, or choose another with 'webhook-listen'",
          e);
    }
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }

  /** As everything in the mesh. */
  private static final class Only13 extends HttpsConfigurator {
    Only13(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters parameters) {
      SSLParameters tls = getSSLContext().getDefaultSSLParameters();
      tls.setProtocols(new String[] {TLS});
      parameters.setSSLParameters(tls);
    }
  }

  private static SSLContext context(X509ExtendedKeyManager keys) {
    try {
      SSLContext context = SSLContext.getInstance(TLS);
      context.init(new KeyManager[] {keys}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS 1.3", e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        end(exchange, HttpURLConnection.HTTP_BAD_METHOD);
        return;
      }
      byte[] body = exchange.getRequestBody().readNBytes(LARGEST_REVIEW + 1);
      if (body.length > LARGEST_REVIEW) {
        end(exchange, HttpURLConnection.HTTP_ENTITY_TOO_LARGE);
        return;
      }
      answer(exchange, new String(body, UTF_8));
    }
  }

  private void answer(HttpExchange exchange, String json) throws IOException {
    Review review;
    try {
      review = Review.parse(json, serialization);
    } catch (IllegalArgumentException e) {
      count("error");
      send(exchange, HttpURLConnection.HTTP_BAD_REQUEST, "text/plain", e.getMessage());
      return;
    }
    try {
      Answer answer = admission.decide(review);
      count(answer.isAllowed() ? "allowed" : "refused");
      send(
          exchange,
          HttpURLConnection.HTTP_OK,
          "application/json",
          serialization.asJson(answer.json(review.uid())));
    } catch (RuntimeException e) {
      // Our own fault is no refusal: the webhook's failurePolicy says what follows.
      LOG.error("a review of a {} went wrong", review.object().getKind(), e);
      count("error");
      end(exchange, HttpURLConnection.HTTP_INTERNAL_ERROR);
    }
  }

  private void count(String answer) {
    registry.counter("culvert_admission_reviews", "answer", answer).increment();
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void end(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, WITHOUT_BODY);
    exchange.close();
  }
}
