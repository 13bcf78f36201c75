//! Mail over SMTP: the real way to reach customers.

use anyhow::{Context as _, Result};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport as _, Tokio1Executor};
use std::time::Duration;
use waybill::notifications::{Mail, MailCall, MailTrouble, Mailer};

/// A server that hangs is as good as one that is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server, and whom mail is from.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl Smtp {
    /// `url` is such as `smtps://user:password@mail.example.com`, or `smtp://localhost:1025`; `from` such as `Shop <orders@example.com>`.
    pub fn new(url: &str, from: &str) -> Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).context("WAYBILL_SMTP_URL is not an address of a mail server")?;
        let from = from.parse().context("WAYBILL_MAIL_FROM is not an address such as Shop <orders@example.com>")?;
        Ok(Self { transport: transport.timeout(Some(PATIENCE)).build(), from, patience: PATIENCE })
    }

    async fn hand_over(&self, mail: Mail) -> Result<(), MailTrouble> {
        let lasting = |words: &str| MailTrouble::Lasting(words.to_owned());
        if mail.to_address.is_empty() {
            return Err(lasting("There is no address any more."));
        }
        let address: Address = mail.to_address.parse().map_err(|_| lasting("The address is not one that mail can go to."))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.to_name), address))
            .subject(mail.subject)
            // The same each time: whoever gets it twice shows it once.
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body)
            .map_err(|error| MailTrouble::Lasting(error.to_string()))?;
        // The transport's own patience ends with the connection: a server that then says nothing would be waited for without end.
        let Ok(answer) = tokio::time::timeout(self.patience, self.transport.send(message)).await else {
            return Err(MailTrouble::Passing("The mail server did not answer.".to_owned()));
        };
        match answer {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailTrouble::Lasting(format!("The mail server refused it: {error}."))),
            Err(error) => Err(MailTrouble::Passing(format!("The mail server did not take it: {error}."))),
        }
    }
}

impl Mailer for Smtp {
    fn send(&self, mail: Mail) -> MailCall<'_> {
        Box::pin(self.hand_over(mail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use waybill::ids::NotificationId;

    /// A mail server for one connection that answers to recipients as it is told, and gives back what it was sent.
    async fn server(recipient_answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let talk = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let (mut seen, mut in_data) = (String::new(), false);
            write.write_all(b"220 test\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                seen.push_str(&line);
                seen.push('\n');
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "." => {
                        in_data = false;
                        "250 taken\r\n".to_owned()
                    }
                    _ if in_data => continue,
                    "RCPT" => format!("{recipient_answer}\r\n"),
                    "DATA" => {
                        in_data = true;
                        "354 go on\r\n".to_owned()
                    }
                    "QUIT" => break,
                    _ => "250 fine\r\n".to_owned(),
                };
                write.write_all(answer.as_bytes()).await.unwrap();
            }
            seen
        });
        (url, talk)
    }

    fn mail() -> Mail {
        Mail {
            id: NotificationId(uuid::Uuid::from_u128(7)),
            to_name: "Wren Sampleton".to_owned(),
            to_address: "wren@example.com".to_owned(),
            subject: "We have your order".to_owned(),
            body: "Hello Wren,\n\nit comes on Friday.\n".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_message_is_handed_over() {
        let (url, talk) = server("250 fine").await;
        let smtp = Smtp::new(&url, "Shop <orders@example.com>").unwrap();
        assert_eq!(smtp.send(mail()).await, Ok(()));
        drop(smtp);
        let seen = talk.await.unwrap();
        for part in [
            "MAIL FROM:<orders@example.com>",
            "RCPT TO:<wren@example.com>",
            "Subject: We have your order",
            "it comes on Friday.",
            "<00000000-0000-0000-0000-000000000007@example.com>",
        ] {
            assert!(seen.contains(part), "{part} is not in {seen}");
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let smtp = Smtp { patience: Duration::from_millis(50), ..Smtp::new(&url, "orders@example.com").unwrap() };
        let trouble = smtp.send(mail()).await.unwrap_err();
        assert_eq!(trouble, MailTrouble::Passing("The mail server did not answer.".to_owned()));
    }

    #[tokio::test]
    async fn what_may_go_later_is_told_from_what_never_will() {
        for (answer, is_passing) in [("451 later", true), ("550 nobody here", false)] {
            let (url, _talk) = server(answer).await;
            let smtp = Smtp::new(&url, "orders@example.com").unwrap();
            let trouble = smtp.send(mail()).await.unwrap_err();
            assert_eq!(matches!(trouble, MailTrouble::Passing(_)), is_passing, "{trouble}");
        }
        let gone = Smtp::new("smtp://127.0.0.1:9", "orders@example.com").unwrap();
        assert!(matches!(gone.send(mail()).await, Err(MailTrouble::Passing(_))));
        assert!(matches!(gone.send(Mail { to_address: String::new(), ..mail() }).await, Err(MailTrouble::Lasting(_))));
        assert!(Smtp::new("nonsense", "orders@example.com").is_err() && Smtp::new("smtp://localhost", "nobody").is_err());
    }
}
