//! Just enough HTTP to keep a connection busy.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One kept-alive connection to 127.0.0.1.
pub struct Connection {
    port: u16,
    stream: BufReader<TcpStream>,
    answer: Vec<u8>,
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP")
}

impl Connection {
    /// # Errors
    /// When nobody listens.
    pub fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { port, stream: BufReader::with_capacity(16 * 1024, stream), answer: Vec::new() })
    }

    /// Posts as a page of the edge's own origin does; status and body of the answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not HTTP.
    pub fn post(&mut self, path: &str, body: &str) -> io::Result<(u16, &[u8])> {
        let port = self.port;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nContent-Type: text/plain\r\n\
             Accept-Encoding: identity\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(malformed)?;
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':').ok_or_else(malformed)?;
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(|_| malformed())?;
            }
            chunked |= name.eq_ignore_ascii_case("transfer-encoding") && value.trim() == "chunked";
        }
        self.answer.clear();
        loop {
            if chunked {
                line.clear();
                self.stream.read_line(&mut line)?;
                length = usize::from_str_radix(line.trim(), 16).map_err(|_| malformed())?;
            }
            let from = self.answer.len();
            self.answer.resize(from + length, 0);
            self.stream.read_exact(&mut self.answer[from..])?;
            if chunked {
                line.clear();
                self.stream.read_line(&mut line)?;
            }
            if !chunked || length == 0 {
                return Ok((status, &self.answer));
            }
        }
    }
}
