#ifndef CCURL_H
#define CCURL_H
#include <stdint.h>

// One HTTP request by libcurl, with Amazon's signature where it is asked for.
//
// Source: https://curl.se/libcurl/c/CURLOPT_AWS_SIGV4.html

typedef struct CCurlHandle CCurlHandle;

typedef struct {
  const char *_Nonnull url;
  const char *_Nonnull method;           // "GET", "HEAD", "PUT" or "DELETE"
  const char *_Nullable user;            // "key:secret"; NULL to sign nothing
  const char *_Nullable signature;       // "aws:amz:REGION:s3"; NULL to sign nothing
  const char *_Nonnull const *_Nullable headers;  // "Name: value", header_count of them
  int header_count;
  int descriptor;        // GET: receives the body; PUT: is read from its start
  int64_t offset;        // GET: where the body goes if the server sends the part that was asked for
  int64_t size;          // PUT: number of bytes
  int64_t limit;         // GET: the most bytes that the file may have
  long connect_seconds;  // the longest time until the connection stands
  long stall_seconds;    // the longest time with fewer than stall_bytes a second
  long stall_bytes;
  int follows;           // whether redirections are followed
  // The transfer ends when this returns anything but 0; called with stop_context.
  int (*_Nonnull is_stopped)(const void *_Nonnull stop_context);
  const void *_Nonnull stop_context;
} CCurlRequest;

enum { CCURL_TEXT = 2048 };

typedef struct {
  int code;              // of libcurl; 0 if a whole answer arrived
  long status;           // of HTTP; 0 if there was no answer
  int64_t position;      // GET: the length of the file so far
  int64_t length;        // the Content-Length; -1 if there was none
  int system;            // errno if the file could not be read or written
  int is_longer;         // whether the transfer was ended because the body passed the limit
  char etag[256];        // with its quotation marks; empty if there was none
  char sha256[65];       // the header x-amz-meta-sha256; empty if there was none
  char region[64];       // the header x-amz-bucket-region; empty if there was none
  char body[CCURL_TEXT];     // the start of the body of an error
  char message[CCURL_TEXT];  // what libcurl says of the error
} CCurlResult;

// Starts libcurl; called once, before any other thread uses it.
void ccurl_start(void);

// A handle keeps its connection between requests. One thread at a time may use it.
CCurlHandle *_Nullable ccurl_create(void);
void ccurl_destroy(CCurlHandle *_Nonnull handle);

void ccurl_perform(CCurlHandle *_Nonnull handle, const CCurlRequest *_Nonnull request,
                   CCurlResult *_Nonnull result);
#endif
